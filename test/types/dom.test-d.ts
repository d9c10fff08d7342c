import {
  connectVisavis,
  defineAvatarElement,
  type VisavisAvatarElement,
  wireEvents,
  wirePictures,
} from '../../src/dom/index.ts';
import { createClient } from '../../src/index.ts';

/** Fails to compile unless both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>) => {};

const client = createClient({ baseUrl: 'https://api.example.com', userId: 'u1' });
defineAvatarElement();
const undos: (() => void)[] = [
  connectVisavis(client),
  wirePictures(client),
  wireEvents(client, { idType: 'number' }),
];
undos.pop();

// The tag is known to the DOM's own types.
const element = document.createElement('visavis-avatar');
same<typeof element, VisavisAvatarElement>(true);
element.userId = 7;
same<typeof element.userId, string | null>(true);
element.client = client;
// @ts-expect-error a size is a number
element.size = '48';

document.addEventListener('visavis:upload-error', ({ detail }) => same<typeof detail.code, string>(true));
document.addEventListener('visavis:upload-progress', ({ detail }) =>
  same<typeof detail.fraction, number>(true),
);
// @ts-expect-error not a client
connectVisavis({});
