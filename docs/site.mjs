// @ts-check
import { Converter } from 'typedoc';

/**
 * A plugin for TypeDoc: a page of the docs is called what its first heading says, not what its file is called.
 *
 * @param {import('typedoc').Application} app
 */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => {
    const [first] = document.content;
    const [, title] = /^# (.+)$/m.exec(first?.text ?? '') ?? [];
    if (title) document.name = title;
  });
}
