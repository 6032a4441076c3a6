import type { Observe } from '@cohort/process';
import type { NextFunction, Request, Response } from 'express';
import { Counter, Gauge, type Registry } from 'prom-client';
import { BodyBytes } from './body-bytes';

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

/** The bytes of the bodies in memory, with metrics. */
export function countedBodies(metrics: Registry, max: number): BodyBytes {
  const refused = new Counter({
    name: 'cohort_gateway_bodies_overloaded_total',
    help: 'Requests rejected because too many bytes of bodies were in memory.',
    registers: [metrics],
  });
  const bodies = new BodyBytes(max, () => refused.inc());
  new Gauge({
    name: 'cohort_gateway_body_bytes',
    help: 'Bytes of the bodies in memory.',
    registers: [metrics],
    collect() {
      this.set(bodies.held);
    },
  });
  return bodies;
}
