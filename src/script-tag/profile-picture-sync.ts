import { defaultClient, onDefaultClient } from '../dom/default-client.ts';
import type { AvatarClient } from '../index.ts';
import { pageLogger } from './page-logger.ts';

/** What pages of the backend `profilePicture` call by themselves, under the global name they know. */
export const ProfilePictureSync = {
  /** Reads the signed-in user's picture from the backend, once there is a client; every place on the page follows. */
  async syncOnPageLoad(): Promise<void> {
    const client = await firstClient();
    await client.users.get(client.userId).catch((error: unknown) => {
      pageLogger.debug('unable to read the picture again', error);
    });
  },
};

function firstClient(): Promise<AvatarClient> {
  return new Promise((resolve) => {
    const undo = onDefaultClient(take);
    function take() {
      const client = defaultClient();
      if (!client) return;
      undo();
      resolve(client);
    }
    take();
  });
}
