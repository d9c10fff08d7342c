import type { PictureRules } from '../avatar/encoder.ts';
import type { Uploader, UploadSettings } from '../avatar/upload.ts';
import type { DirectRoutes, EventParser, FormRoutes, RoutesWith, SomeRoutes } from '../protocol/route.ts';
import type { StartPolling } from '../users/poll.ts';
import type { CreatePrivatePictures } from '../users/private-pictures.ts';
import type { CreateRecall } from '../users/recall.ts';

/** What every backend of pictures and people has. What is `null` it does not have, or its pages do not need. */
export interface AnyPreset<Routes = Preset['routes']> {
  readonly name: string;
  readonly routes: Routes;
  /** Live events by their wire name. */
  readonly events: Readonly<Record<string, EventParser>>;
  readonly picture: PictureRules;
  /** How a picture gets there: `directUpload` or `formUpload`. */
  upload(settings: UploadSettings<Routes>): Uploader;
  /** Whether a refusal means that the token is no longer good, so that a fresh one may help. */
  readonly isExpiredToken: (status: number, body: unknown) => boolean;
  /** Whether profiles carry a version or a time that orders them; without, nothing but the moment of arrival counts. */
  readonly isStamped: boolean;
  /** For pictures behind the bearer token: `privatePictures` fetches them with it and shows them by `blob:`. */
  readonly pictures: CreatePrivatePictures | null;
  /** For backends without live events: `pollEvery(ms)` reads the users on screen again. */
  readonly poll: StartPolling | null;
  /** Remembers users from page to page: `localMemory`. */
  readonly memory: CreateRecall | null;
}

/** A backend that lets pictures go straight to a storage host: presign → put → complete. */
export type DirectPreset<Has extends keyof SomeRoutes = never> = AnyPreset<DirectRoutes & RoutesWith<Has>>;

/** A backend that takes a picture in one request. */
export type FormPreset<Has extends keyof SomeRoutes = never> = AnyPreset<FormRoutes & RoutesWith<Has>>;

/** Everything that is particular to one backend of pictures and people, as a plain object. */
export type Preset = DirectPreset | FormPreset;
