import axe from 'axe-core';
import { createRef } from 'react';
import { describe, expect, it } from 'vitest';
import { h } from 'vue';
import { Avatar } from '../../src/react/index.ts';
import { VisavisAvatar } from '../../src/vue/index.ts';
import { frames } from './avatar-frames.ts';
import { broken, portrait, sitFor } from './portraits.ts';
import { mount as mountReact } from './react-root.ts';
import { mount as mountVue } from './vue-root.ts';
import { createWorld, until } from './world.ts';

const [red, blue, green] = ['red', 'blue', 'green'].map((color) => portrait(color));

function look(page: { container: Element }) {
  const face = page.container.querySelector('span');
  const image = page.container.querySelector('img');
  return { face, image, initials: face?.textContent, src: image?.getAttribute('src')?.replace(/#.*/, '') };
}

describe.each(frames)('The avatar of %s', (framework, mount) => {
  it('[BI7] is a disc until something is known, then initials, then the picture that covers them', async () => {
    const { client, show } = sitFor(createWorld());
    const page = mount(client);
    expect(look(page)).toMatchObject({ initials: '', image: null });
    const color = look(page).face?.style.background;
    expect(color).toMatch(/^rgb/);
    await until(() => look(page).initials, 'JW');
    expect(look(page).face?.style.background).toBe(color);
    await show(red ?? '');
    await until(() => look(page), expect.objectContaining({ src: red, initials: '' }));
    expect(look(page).image?.naturalWidth).toBeGreaterThan(0);
  });

  it('[BI7] takes the full picture where the thumbnail would be blurred', async () => {
    const { client, show } = sitFor(createWorld());
    await show(red ?? '', blue);
    const page = mount(client, { size: 32 });
    expect([look(page).src, look(page).image?.srcset]).toEqual([blue, '']);
    await page.change({ size: 64 });
    expect([look(page).src, look(page).image?.srcset]).toEqual([blue, `${red}#v=1 2x`]);
    await page.change({ size: 65 });
    expect([look(page).src, look(page).image?.srcset]).toEqual([red, '']);
    const { width, height } = look(page).face?.getBoundingClientRect() ?? {};
    expect([width, height]).toEqual([65, 65]);
  });

  it('[BI7] shows the picture before until the new one is there', async () => {
    const { client, show } = sitFor(createWorld());
    await show(red ?? '');
    const page = mount(client);
    await until(() => look(page).initials, '');
    const { image } = look(page);
    const changes: MutationRecord[] = [];
    const watcher = new MutationObserver((records) => changes.push(...records));
    watcher.observe(page.container, { childList: true, subtree: true, characterData: true });
    await show(blue ?? '');
    await until(() => look(page).src, blue);
    expect(look(page).image).toBe(image);
    await until(() => image?.complete, true);
    expect([...changes, ...watcher.takeRecords()]).toEqual([]);
  });

  it('[BI7] falls back to initials for a picture that is broken, and for none', async () => {
    const { client, show } = sitFor(createWorld());
    await show(broken);
    const page = mount(client);
    await until(() => look(page), expect.objectContaining({ image: null, initials: 'JW' }));
    await show(green ?? '');
    await until(() => look(page), expect.objectContaining({ src: green, initials: '' }));
    await show(broken);
    await until(() => look(page), expect.objectContaining({ image: null, initials: 'JW' }));
    await show(green ?? '');
    await until(() => look(page), expect.objectContaining({ src: green, initials: '' }));
    await show(null);
    await until(() => look(page), expect.objectContaining({ image: null, initials: 'JW' }));
  });

  it('[BI7] is read out as a name, unless that stands beside it', async () => {
    const { client, show } = sitFor(createWorld());
    const page = mount(client);
    expect(look(page).face?.ariaHidden).toBe('true');
    await show(red ?? '');
    await until(() => look(page).face?.ariaLabel, 'Jonas Weber');
    expect([look(page).face?.role, look(page).face?.ariaHidden, look(page).image?.alt]).toEqual([
      'img',
      null,
      '',
    ]);
    expect((await axe.run(page.container)).violations).toEqual([]);
    await page.change({ decorative: true });
    const { role, ariaLabel, ariaHidden } = look(page).face ?? {};
    expect([role, ariaLabel, ariaHidden]).toEqual([null, null, 'true']);
    expect((await axe.run(page.container)).violations).toEqual([]);
  });

  it('[BI7] loads its picture late where that is wanted', async () => {
    const { client, show } = sitFor(createWorld());
    // A browser does not wait with addresses that need no network.
    await show(`${location.origin}/docs/images/phone-dark.png?${framework}`);
    const page = mount(client, { lazy: true });
    page.container.style.marginTop = '20000px';
    expect(look(page).image?.loading).toBe('lazy');
    expect(look(page).image?.complete).toBe(false);
    expect(look(page).initials).toBe('JW');
    look(page).face?.scrollIntoView();
    await until(() => look(page).initials, '');
  });
});

describe('The avatar', () => {
  it('[BI7] takes attributes, styles and a ref, as React has them', () => {
    const { client } = sitFor(createWorld());
    const ref = createRef<HTMLSpanElement>();
    const avatar = (
      <Avatar
        ref={ref}
        userId="u2"
        className="face"
        data-kind="big"
        style={{ borderRadius: 4 }}
        title="Jonas"
      />
    );
    const { face } = look(mountReact(client, avatar));
    expect(ref.current).toBe(face);
    expect([face?.className, face?.dataset.kind, face?.title]).toEqual(['face', 'big', 'Jonas']);
    expect([face?.style.borderRadius, face?.style.width]).toEqual(['4px', '40px']);
  });

  it('[BI7] takes attributes, styles and props without a value, as Vue has them', () => {
    const { client } = sitFor(createWorld());
    const attributes = { class: 'face', 'data-kind': 'big', style: { borderRadius: '4px' }, title: 'Jonas' };
    const { face } = look(
      mountVue(client, () => h(VisavisAvatar, { userId: 2, decorative: '' as never, ...attributes })),
    );
    expect([face?.className, face?.dataset.kind, face?.title]).toEqual(['face', 'big', 'Jonas']);
    expect([face?.style.borderRadius, face?.style.width, face?.ariaHidden]).toEqual(['4px', '40px', 'true']);
  });
});
