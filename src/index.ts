/**
 * The client of a backend: pictures, people, conversations, and the live connection.
 *
 * @module visavis
 */

export type {
  AvatarApi,
  CompressOptions,
  UploadOptions,
} from './avatar/avatar.ts';
export { directUpload } from './avatar/direct-upload.ts';
export type { ImageEncoder, PictureOptions } from './avatar/encoder.ts';
export { formUpload } from './avatar/form-upload.ts';
export type { AvatarClient, Inspector } from './avatar-client.ts';
export type { ConversationList, ConversationsApi, ListConversationsOptions } from './chat/conversations.ts';
export type { ListMessagesOptions, MessageDraft, MessagesApi } from './chat/messages.ts';
export type { PushApi, RegisterPushOptions } from './chat/push.ts';
export type {
  Capabilities,
  ChatCapabilities,
  ConversationItem,
  GapItem,
  InboxSnapshot,
  LiveInbox,
  LiveThread,
  MessageItem,
  MessagePreview,
  MessageStatus,
  MessageType,
  SeenBy,
  ThreadSnapshot,
} from './chat-models.ts';
export { createClient, type VisavisClient } from './client.ts';
export {
  type ErrorCode,
  errorCodes,
  FileError,
  type FileErrorCode,
  HttpError,
  type HttpErrorDetails,
  NetworkError,
  RealtimeError,
  ResponseError,
  type ResponseIssue,
  TimeoutError,
  UploadError,
  VisavisError,
} from './errors.ts';
export type {
  ActivityFact,
  AvatarFact,
  ChatFact,
  ConversationFact,
  Fact,
  HeartbeatFact,
  HintFact,
  MessageFact,
  NameFact,
  NotificationFact,
  PageFact,
  Picture,
  PresenceFact,
  ReadFact,
  RefusalFact,
  Signal,
  Stamp,
  StampRank,
  TypingFact,
  UnreadFact,
  UserFact,
} from './facts.ts';
export { type AvatarUrlOptions, avatarUrl } from './lib/avatar-url.ts';
export type { Clock } from './lib/clock.ts';
export type { Logger } from './lib/logger.ts';
export type {
  SocketDialect,
  SocketEvent,
  SocketFactory,
  SocketHandlers,
  SocketPort,
} from './lib/socket-port.ts';
export type { RememberedPicture, RememberedUser, UserMemory } from './lib/user-memory.ts';
export type {
  Avatar,
  AvatarColor,
  ConnectionStatus,
  CropRect,
  EncodedPicture,
  Live,
  Origin,
  PictureInfo,
  PictureType,
  Presence,
  Presigned,
  UploadProgress,
  UploadStage,
  UploadTicket,
  UserSnapshot,
  WaitOptions,
} from './models.ts';
export type { AvatarClientOptions, ClientOptions } from './options.ts';
export { chatV2 } from './presets/chat-v2.ts';
export { definePreset, type PresetChanges } from './presets/define-preset.ts';
export { media } from './presets/media.ts';
export type { DirectPreset, FormPreset, Preset } from './presets/preset.ts';
export { presigned } from './presets/presigned.ts';
export { profilePicture, profilePictureJson } from './presets/profile-picture.ts';
export { uploadRoute } from './presets/upload-route.ts';
export { chat } from './protocol/chat.ts';
export type {
  ChatPreset,
  ConversationsInput,
  ConversationsPage,
  MediaInput,
  MessagesInput,
  MessagesPage,
  SeenInput,
  SendInput,
  SocketCommand,
  SyncPage,
} from './protocol/chat-preset.ts';
export { runningRoutes } from './protocol/chat-routes.ts';
export type { DehydratedState } from './protocol/dehydrated.ts';
export { pictureForm } from './protocol/picture-form.ts';
export type {
  Answer,
  CompleteInput,
  DirectRoutes,
  EventParser,
  FormRoutes,
  NamedPictureInput,
  ParseContext,
  PresignInput,
  Route,
  RoutesWith,
  SomeRoutes,
  Unlocated,
  UploadInput,
  UserInput,
} from './protocol/route.ts';
export { type Said, userFacts } from './protocol/user-facts.ts';
export type {
  AvatarUpdated,
  ChatSignalsApi,
  ConnectionApi,
  ConversationStateChanged,
  ConversationUpdated,
  DurabilityChanged,
  MessageReceived,
  NotificationReceived,
  PresenceChanged,
  ProfileUpdated,
  ProtocolError,
  RealtimeApi,
  RealtimeEvents,
  Resynced,
  SeenChanged,
  SignedOut,
  StatusChanged,
  TypingChanged,
  UnreadChanged,
} from './realtime/events.ts';
export type { FactOrigin } from './realtime/hub.ts';
export type { Durability, OutboxStorage, RecordList, StoredRecord } from './storage/storage.ts';
export type { TabChannel, TabLocks, TabPorts } from './tabs/ports.ts';
export { type AnsweringEvents, answeredByEvents } from './transport/answered-by-events.ts';
export type { GetToken, TokenRequest } from './transport/auth.ts';
export type { PutFile, PutRequest } from './transport/put.ts';
export type { SocketOptions } from './transport/socket.ts';
export { localMemory } from './users/local-memory.ts';
export { pollEvery } from './users/poll.ts';
export type { PreloadPicture } from './users/preload.ts';
export { privatePictures } from './users/private-pictures.ts';
export { rememberIn } from './users/recall.ts';
export type { UserStatement } from './users/statement.ts';
export type { UsersApi } from './users/users.ts';
export { version } from './version.ts';
