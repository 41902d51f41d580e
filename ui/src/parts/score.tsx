// SPDX-License-Identifier: Apache-2.0
// How a score came about: what spoke against the mail goes right, what spoke for it comes back left, and the marks say
// from where on the policy does something.
import type { PolicyView } from '../api/types';
import { score as points, weight as weightText } from '../lib/format';
import { t, word } from '../text';

interface Part { code: string; weight: number }

const label_room = 0.3; // of the bar's width on a phone
const marks = ['greylist', 'tag', 'quarantine', 'reject'] as const;

export function ScoreBar({ parts, score, policy }: { parts: Part[]; score: number; policy?: PolicyView }) {
  const against = parts.filter((part) => part.weight > 0).sort((a, b) => b.weight - a.weight);
  const inFavour = parts.filter((part) => part.weight < 0).sort((a, b) => a.weight - b.weight);
  const top = against.reduce((sum, part) => sum + part.weight, 0);
  const thresholds = marks
    .map((name) => ({ name, at: policy?.[name] ?? null }))
    .filter((mark): mark is { name: (typeof marks)[number]; at: number } => mark.at !== null)
    .sort((a, b) => a.at - b.at);
  const low = Math.min(0, score, top + inFavour.reduce((sum, part) => sum + part.weight, 0));
  const high = Math.max(top, score, 1, ...thresholds.map((mark) => mark.at)) * 1.06;
  const width = high - low;
  const at = (value: number) => `${((value - low) / width) * 100}%`;
  const wide = (value: number) => `${(value / width) * 100}%`;
  let edge = 0;
  const rising = against.map((part) => {
    const from = edge;
    edge += part.weight;
    return { ...part, from };
  });
  let back = top;
  const falling = inFavour.map((part) => {
    back += part.weight;
    return { ...part, from: back };
  });
  // Labels that would meet stand below each other.
  const taken: number[] = [];
  const placed = thresholds.map((mark) => {
    const place = (mark.at - low) / width;
    const isLeft = place > 1 - label_room;
    const from = isLeft ? place - label_room : place;
    const free = taken.findIndex((end) => end <= from);
    const level = free < 0 ? taken.length : free;
    taken[level] = from + label_room;
    return { ...mark, level, isLeft };
  });
  const said = t('score.said', {
    score: points(score), parts: parts.filter((part) => part.weight !== 0).map((part) => `${part.code} ${weightText(part.weight)}`).join(', ') || t('none'),
    marks: thresholds.map((mark) => `${word('verdict.', mark.name)} ${points(mark.at)}`).join(', ') || t('none'),
  });
  return (
    <div className="score" role="img" aria-label={said}>
      <div className="score-value" style={{ left: at(score) }} data-edge={(score - low) / width > 0.85 ? 'right' : (score - low) / width < 0.1 ? 'left' : undefined}>
        <span>{points(score)}</span>
      </div>
      <div className="score-track">
        <span className="score-zero" style={{ left: at(0) }} />
        {rising.map((part, i) => (
          <span key={part.code} className="score-part" data-shade={i % 6} style={{ left: at(part.from), width: wide(part.weight) }} title={`${part.code} ${weightText(part.weight)}`}>
            {part.weight / width > 0.13 && <em>{part.code}</em>}
          </span>
        ))}
      </div>
      {falling.length > 0 && (
        <div className="score-track back">
          {falling.map((part) => (
            <span key={part.code} className="score-part good" style={{ left: at(part.from), width: wide(-part.weight) }} title={`${part.code} ${weightText(part.weight)}`} />
          ))}
        </div>
      )}
      <span className="score-line" style={{ left: at(score) }} />
      {placed.map((mark) => (
        <span key={mark.name} className={`score-mark ${mark.name}${score >= mark.at ? ' reached' : ''}`} style={{ left: at(mark.at) }} data-level={mark.level} data-edge={mark.isLeft ? 'right' : undefined}>
          <em>{word('verdict.', mark.name)} {points(mark.at)}</em>
        </span>
      ))}
    </div>
  );
}
