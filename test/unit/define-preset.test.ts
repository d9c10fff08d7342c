import { describe, expect, it } from 'vitest';
import { chat, definePreset, presigned, runningRoutes } from '../../src/index.ts';

const path = () => '/x';

describe('a preset of one’s own', () => {
  it('[DP1] differs only in what is named', () => {
    const own = definePreset({
      extends: presigned,
      name: 'own',
      routes: { presign: { path } },
      picture: { size: 512 },
    });
    const { presign, ...routes } = presigned.routes;
    expect(own).toEqual({
      ...presigned,
      name: 'own',
      routes: { ...routes, presign: { ...presign, path } },
      picture: { ...presigned.picture, size: 512 },
    });
    expect(presigned.name).toBe('presigned');
    expect(presigned.routes.presign.path({ files: [] })).not.toBe('/x');
  });

  it('[DP1] takes routes and events away', () => {
    const own = definePreset({
      extends: presigned,
      routes: { deleteAvatar: null },
      events: { 'user:avatar:deleted': null },
    });
    expect(own.routes.deleteAvatar).toBeNull();
    expect(Object.keys(own.events)).toEqual(['user:avatar:updated', 'user:profile:updated']);
  });

  it('[DP1] sends a form in place of the body it had, and the other way round', () => {
    const form = () => new FormData();
    const asForm = definePreset({ extends: presigned, routes: { complete: { form } } });
    expect(asForm.routes.complete).toMatchObject({ form });
    expect(asForm.routes.complete.body).toBeUndefined();
    const asBody = definePreset({ extends: asForm, routes: { complete: { body: () => ({}) } } });
    expect(asBody.routes.complete.form).toBeUndefined();
    const moved = definePreset({ extends: asBody, routes: { complete: { path } } });
    expect(moved.routes.complete.body).toBe(asBody.routes.complete.body);
  });

  it('[DP2] can be one of a chat, and speak the paths of running backends', () => {
    const own = definePreset({ extends: chat, routes: runningRoutes, emits: { room: null } });
    expect(own.routes.sync).toBeNull();
    expect(own.routes.send).toEqual({ ...chat.routes.send, ...runningRoutes.send });
    expect(own.emits).toEqual({ ...chat.emits, room: null });
  });

  it('[DP3] refuses half a route where there is none', () => {
    // Whoever writes TypeScript is told before.
    const half: { path: typeof path; method: 'GET' } = { path, method: 'GET' };
    const routes = { history: half } as unknown as { history: null };
    expect(() => definePreset({ extends: presigned, routes })).toThrow(
      new TypeError('unable to define the preset; its route "history" is not whole'),
    );
  });
});
