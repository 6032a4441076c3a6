import { errorForCaller } from '@cohort/bus';
import type { Observe } from '@cohort/process';
import type { Logger } from '@nestjs/common';
import router, { type HTTPMethod } from 'find-my-way';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { drained } from './body';
import type { Incoming } from './call';
import { Caller } from './caller';
import type { GroupService } from './group-service';
import type { Operation } from './operation';
import type { DialectSpec, Reply } from './spec';
import { normalized, targetOf, type Target } from './target';
import type { Tenants } from './tenants';

/** What a dialect needs in order to serve. */
export interface Serving {
  readonly service: GroupService;
  readonly observe: Observe;
  readonly log: Pick<Logger, 'error'>;
}

/** A dialect that takes requests. */
export interface Served {
  readonly claims: (path: string, request: IncomingMessage) => boolean;
  readonly serve: (request: IncomingMessage, response: ServerResponse, target: Target) => Promise<void>;
}

/** Longer than any id: 64 code points of four bytes, percent-encoded, have 768 characters. */
const MAX_PARAM_LENGTH = 4_096;

interface Found<S> {
  readonly operation: Operation<S>;
  readonly params: Readonly<Record<string, string>>;
}

/** Serves the operations of one dialect. Its router knows no other dialect's paths, so none of them is a fallback. */
export function serving<S extends object, E extends Error>(
  spec: DialectSpec<S, E>,
  tenants: Tenants<S>,
  { service, observe, log }: Serving,
): Served {
  const find = routes(spec.operations);

  const reply = async (incoming: Incoming, found: Found<S> | undefined, name: string): Promise<Reply> => {
    try {
      if (!found) throw spec.errors.notFound(incoming);
      const proof = await spec.authenticate(incoming, tenants);
      const as = new Caller(service, proof.tenant.id, proof.actor);
      return { status: 200, body: await found.operation.handle(as, incoming, proof) };
    } catch (error) {
      const own =
        error instanceof spec.errors.type ? error : spec.errors.from(errorForCaller(error, log, { operation: name }));
      const answer = spec.errors.reply(own, incoming);
      await drained(incoming.http);
      return answer;
    }
  };

  const serve: Served['serve'] = async (request, response, { path, search }) => {
    const began = performance.now();
    const method = request.method ?? '';
    let route = spec.claimed;
    let name = `${spec.key} ${route}`;
    response.once('finish', () => {
      observe(`${method} ${route}`, String(response.statusCode), (performance.now() - began) / 1_000);
    });
    try {
      const found = find(method, path);
      if (found) {
        route = found.operation.path;
        name = `${spec.key} ${found.operation.name}`;
      }
      const params = found?.params ?? {};
      const { headers } = request;
      const query = new URLSearchParams(search);
      const incoming = { method, path, query, params, headers, http: request };
      const { status, body } = await reply(incoming, found, name);
      const text = JSON.stringify(body);
      write(response, status, 'application/json; charset=utf-8', text);
    } catch (error) {
      log.error({ err: error, operation: name }, 'An answer could not be written in the form of its dialect');
      await drained(request);
      if (response.headersSent) response.destroy();
      else write(response, 500, 'text/plain; charset=utf-8', 'Internal Server Error');
    }
  };
  return { claims: spec.claims, serve };
}

function write(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) }).end(text);
}

/**
 * Finds operations. The case of fixed parts and a slash at the end make no difference; parameters keep their case. A path
 * that can't be decoded, or that leaves a parameter empty, is no operation's. HEAD is answered as GET, without the body.
 */
function routes<S>(operations: readonly Operation<S>[]): (method: string, path: string) => Found<S> | undefined {
  const rows = router({ maxParamLength: MAX_PARAM_LENGTH, caseSensitive: false, ignoreTrailingSlash: true });
  for (const operation of operations) {
    const path = operation.path.replaceAll(':', '::').replace(/\{(\w+)\}/g, ':$1');
    rows.on([...operation.methods], path, () => undefined, operation);
  }
  const exactly = (method: string, path: string): Found<S> | undefined => {
    const found = rows.find(method as HTTPMethod, path);
    if (!found) return undefined;
    const params = found.params as Record<string, string>;
    if (Object.values(params).includes('')) return undefined;
    return { operation: found.store as Operation<S>, params };
  };
  return (method, path) => exactly(method, path) ?? (method === 'HEAD' ? exactly('GET', path) : undefined);
}

/** Takes the requests that a dialect claims; Nest gets all others: health, metrics, documents, and what is nowhere. */
export const listener =
  (dialects: readonly Served[], nest: RequestListener): RequestListener =>
  (request, response) => {
    const target = targetOf(request.url ?? '');
    const path = target && normalized(target.path);
    const dialect = path === undefined ? undefined : dialects.find(({ claims }) => claims(path, request));
    if (dialect && target) void dialect.serve(request, response, target);
    else nest(request, response);
  };
