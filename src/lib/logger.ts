/** Where the SDK tells what it does. Never receives a token, a signed address or a message text. */
export interface Logger {
  debug(message: string, detail?: unknown): void;
  warn(message: string, detail?: unknown): void;
  error(message: string, detail?: unknown): void;
}

export const silentLogger: Logger = { debug() {}, warn() {}, error() {} };
