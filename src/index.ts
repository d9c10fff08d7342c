export type {
  AvatarApi,
  CompressOptions,
  UploadOptions,
  WaitOptions,
} from './avatar/avatar.ts';
export type { ImageEncoder, PictureOptions } from './avatar/encoder.ts';
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
export type { AvatarFact, Fact, NameFact, Picture, Stamp, StampRank } from './facts.ts';
export { type AvatarUrlOptions, avatarUrl } from './lib/avatar-url.ts';
export type { Clock } from './lib/clock.ts';
export type { Logger } from './lib/logger.ts';
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
  Presigned,
  UploadProgress,
  UploadStage,
  UploadTicket,
  UserSnapshot,
} from './models.ts';
export type { ClientOptions } from './options.ts';
export type {
  Answer,
  CompleteInput,
  EventParser,
  ParseContext,
  Preset,
  PresignInput,
  Route,
  UserInput,
} from './protocol/preset.ts';
export { presigned } from './protocol/presigned.ts';
export type {
  AvatarUpdated,
  ProtocolError,
  RealtimeApi,
  RealtimeEvents,
  SignedOut,
  StatusChanged,
} from './realtime/events.ts';
export type { GetToken, TokenRequest } from './transport/auth.ts';
export type { PutFile, PutRequest } from './transport/put.ts';
export type { SocketFactory, SocketHandlers, SocketOptions, SocketPort } from './transport/socket.ts';
export type { PreloadPicture } from './users/preload.ts';
export type { UsersApi } from './users/users.ts';
export { version } from './version.ts';
