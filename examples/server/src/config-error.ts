/** A setting that is missing or wrong; the text says which, and what would be right. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}
