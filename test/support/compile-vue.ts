import { compileScript, parse } from 'vue/compiler-sfc';

/** A single-file component as a module of TypeScript with its template as code, to check its types; not to be run. */
export function compileVue(code: string, filename: string): string {
  const { descriptor, errors } = parse(code, { filename });
  const [error] = errors;
  if (error) throw error;
  const compiled = compileScript(descriptor, { id: filename, inlineTemplate: true });
  const [, props] = /defineProps<(.*?)>\(\)/s.exec(code) ?? [];
  const content = props ? compiled.content.replace('__props: any', `__props: ${props}`) : compiled.content;
  // Types are narrowed by what a constant says, not by what a call returns.
  const refs = new Set([...content.matchAll(/_unref\((\w+)\)/g)].map(([, name]) => name));
  const constants = [...refs].map((name) => `const _${name} = _unref(${name});`).join(' ');
  const narrowed = content.replaceAll(/_unref\((\w+)\)/g, '_$1');
  return narrowed.replace(/(return \(_ctx.*?\) => \{)/, `$1 ${constants}`);
}
