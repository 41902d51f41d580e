// SPDX-License-Identifier: Apache-2.0
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { askSession } from './api/client';
import { watchSession } from './api/live';
import { App } from './app';
import { language } from './text';
import './style/tokens.css';
import './style/base.css';
import './style/parts.css';
import './style/shell.css';
import './style/pages.css';

document.documentElement.lang = language;
void askSession();
if (location.pathname === '/') void import('./pages/overview').catch(() => undefined);
watchSession();
createRoot(document.getElementById('root')!).render(<StrictMode><App /></StrictMode>);
