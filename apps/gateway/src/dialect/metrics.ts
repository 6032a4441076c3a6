import type { Observe } from '@cohort/process';
import type { NextFunction, Request, Response } from 'express';

/** Express middleware: records every answered request of Nest's routes under its route, with the HTTP status as outcome. */
export const httpMetrics =
  (observe: Observe) =>
  (request: Request, response: Response, next: NextFunction): void => {
    const began = performance.now();
    response.once('finish', () => {
      observe(routeOf(request), String(response.statusCode), (performance.now() - began) / 1_000);
    });
    next();
  };

/** The route that answered. Paths are not bounded in number, so an unknown one is `none`. */
function routeOf(request: Request): string {
  const route: unknown = request.route;
  const path = typeof route === 'object' && route !== null && 'path' in route ? route.path : undefined;
  return typeof path === 'string' ? `${request.method} ${path}` : 'none';
}
