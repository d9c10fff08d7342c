import { avatarRoutes } from './avatar-routes.ts';
import { chatRoutes } from './chat-routes.ts';
import { level2Routes } from './level2-routes.ts';
import type { Call, Reply, RestSettings, RouteTable } from './rest-route.ts';

/** Answers a request; `undefined` for an address the backend does not have. */
export type RestHandler = (method: string, path: string, call: Omit<Call, 'params'>) => Reply | undefined;

/** The backend's REST side. */
export function createRest(settings: RestSettings): RestHandler {
  const routes: RouteTable = [...avatarRoutes(settings), ...chatRoutes(settings), ...level2Routes(settings)];
  return (method, path, call) => {
    for (const [verb, pattern, handler] of routes) {
      const match = verb === method ? pattern.exec(path) : null;
      if (match) return handler({ ...call, params: match.slice(1).map(decodeURIComponent) });
    }
    return undefined;
  };
}
