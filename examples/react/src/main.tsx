import '../../shared/messenger.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';

const root = document.querySelector('#root');
if (!root) throw new Error('unable to start; the page has no #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
