/** Which pages may call the API and open sockets. Requests without an origin are not from pages. */
export function createOriginCheck(settings: {
  allowed: readonly string[];
  development: boolean;
  ownUrl: () => string;
}): (origin: string | undefined) => boolean {
  const { development, ownUrl } = settings;
  const allowed = new Set(settings.allowed);
  return (origin) => {
    if (origin === undefined || allowed.has(origin) || origin === new URL(ownUrl()).origin) return true;
    return development && /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(origin);
  };
}
