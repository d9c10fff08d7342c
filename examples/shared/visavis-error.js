// @ts-check

/**
 * Whether the SDK threw it. By shape, because the page without a framework has its classes in a global and the others by
 * import.
 *
 * @param {unknown} error
 * @returns {error is import('../../src/index.ts').VisavisError}
 */
export function isVisavisError(error) {
  return error instanceof Error && 'code' in error && 'retryable' in error;
}
