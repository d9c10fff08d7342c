import { renderToString } from 'react-dom/server';
import { reactPage } from './react-page.ts';
import { printPage } from './rendered.ts';

await printPage((client) => renderToString(reactPage(client)));
