// SPDX-License-Identifier: Apache-2.0
// Mail by verdict over time; the numbers stand in a table too, for those who do not see bars.
import { BarController, BarElement, CategoryScale, Chart, LinearScale, Tooltip } from 'chart.js';
import { useEffect, useRef } from 'react';
import type { Bucket, Verdict } from '../api/types';
import { clockTime, dayTime, number } from '../lib/format';
import { useIsDark } from '../lib/theme';
import { t, word } from '../text';

Chart.register(BarController, BarElement, CategoryScale, LinearScale, Tooltip);

export const colourOf = (verdict: Verdict) => getComputedStyle(document.documentElement).getPropertyValue(`--chart-${verdict}`).trim();
const ink = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export default function MailChart({ buckets, step, shown, long }: { buckets: Bucket[]; step: number; shown: Verdict[]; long: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<Chart<'bar'> | null>(null);
  const dark = useIsDark();
  const perMinute = 60 / step;
  const labels = buckets.map((bucket) => (long ? dayTime : clockTime)(new Date(bucket.time)));
  useEffect(() => {
    if (!canvas.current) return;
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const made = new Chart(canvas.current, {
      type: 'bar',
      data: { labels: [], datasets: [] },
      options: {
        responsive: true, maintainAspectRatio: false, animation: still ? false : { duration: 250 },
        interaction: { mode: 'index', intersect: false },
        scales: {
          x: { stacked: true, grid: { display: false }, border: { color: ink('--line') }, ticks: { color: ink('--text-3'), maxRotation: 0, autoSkipPadding: 28, font: { size: 11 } } },
          y: { stacked: true, beginAtZero: true, grid: { color: ink('--line') }, border: { display: false }, ticks: { color: ink('--text-3'), font: { size: 11 }, maxTicksLimit: 5, ...(perMinute === 1 ? { precision: 0 } : {}), callback: (value) => number(Number(value)) } },
        },
        plugins: {
          tooltip: {
            backgroundColor: ink('--tip'), titleColor: ink('--tip-text'), bodyColor: ink('--tip-text'), padding: 10, cornerRadius: 8, boxPadding: 4, usePointStyle: true,
            filter: (item) => Number(item.raw) > 0,
            callbacks: { label: (item) => ` ${item.dataset.label}: ${t('chart.per_minute', { rate: (Math.round(Number(item.raw) * 10) / 10).toLocaleString() })}` },
          },
        },
      },
    });
    chart.current = made;
    return () => {
      made.destroy();
      chart.current = null;
    };
  }, [dark]);
  useEffect(() => {
    const made = chart.current;
    if (!made) return;
    made.data.labels = labels;
    made.data.datasets = shown.map((verdict) => ({
      label: word('verdict.', verdict), data: buckets.map((bucket) => bucket[verdict] * perMinute), backgroundColor: colourOf(verdict), stack: 'all',
      barPercentage: 1, categoryPercentage: buckets.length > 100 ? 1 : 0.82, borderRadius: 1.5,
    }));
    made.update();
  });
  return <div className="chart-box"><canvas ref={canvas} aria-hidden="true" /></div>;
}
