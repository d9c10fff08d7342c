import { renderToString } from 'vue/server-renderer';
import { printPage } from './rendered.ts';
import { vuePage } from './vue-page.ts';

await printPage((client) => renderToString(vuePage(client)));
