import { offered } from '../errors.ts';
import type { FormRoutes, RoutesWith } from '../protocol/route.ts';
import { createOwnPicture } from './own-picture.ts';
import { filenameOf, inStage, type Uploader, type UploadSettings } from './upload.ts';

/** The picture goes to the backend in one request; where its answer does not say where it is, that is read. */
export function formUpload(settings: UploadSettings<FormRoutes & RoutesWith<never>>): Uploader {
  const { routes, http, userId, clock, logger } = settings;
  const { profile, restore, sync } = routes;
  const own = createOwnPicture({
    userId,
    read: async (signal) => profile && http.call(profile, { userId }, { signal }),
  });

  function tell(name: string | null, at: number) {
    if (!sync || name === null) return;
    http
      .call(sync, { userId, name, at })
      .catch((error: unknown) => logger.debug('unable to tell which picture shows', error));
  }

  return {
    newer: own.newer,
    get outdated() {
      return own.outdated;
    },
    set outdated(addresses) {
      own.outdated = addresses;
    },
    async send([picture], { signal, onProgress }) {
      const { size } = picture.blob;
      const locate = own.prepare();
      const input = { userId, picture, filename: filenameOf(picture) };
      // A form's own bytes come on top of the picture's.
      const onSent = (loaded: number, total: number) =>
        onProgress('put', Math.floor((size * loaded) / total), size);
      onProgress('put', 0, size);
      const answer = await inStage('put', () => http.call(routes.upload, input, { signal, onSent }));
      onProgress('put', size, size);

      onProgress('complete', 0);
      const fact = answer.kind === 'avatar' ? answer : await locate(answer, picture.blob, signal);
      onProgress('complete', 1);
      if (answer.kind === 'unlocated') tell(answer.name, answer.at);
      return fact;
    },
    async restore(name, signal) {
      const route = offered(restore, 'restore the picture');
      const locate = own.prepare();
      const answer = await http.call(route, { userId, name, at: clock.now() }, { signal });
      return answer.kind === 'avatar' ? answer : locate(answer, null, signal);
    },
  };
}
