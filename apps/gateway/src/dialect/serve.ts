import { errorForCaller } from '@cohort/bus';
import type { Observe } from '@cohort/process';
import type { Logger } from '@nestjs/common';
import router, { type HTTPMethod } from 'find-my-way';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { BodyBytes } from './body-bytes';
import type { Incoming } from './call';
import { Caller } from './caller';
import { allowOrigin, answerPreflight, type Origins } from './cors';
import { drained } from './drain';
import { errorText } from './error-text';
import { FileAnswer } from './files/file-answer';
import { type Files } from './files/tenant-files';
import { Form, parseQuery } from './form';
import type { GroupService } from './group-service';
import { jsonText } from './json-text';
import type { Operation } from './operation';
import type { DialectSpec } from './spec';
import { normalized, targetOf, type Target } from './target';
import type { Tenants } from './tenants';

/** What a dialect needs in order to serve. */
export interface Serving {
  readonly service: GroupService;
  readonly observe: Observe;
  readonly log: Pick<Logger, 'error'>;
  /** The bytes of the bodies of all dialects together. */
  readonly bodies: BodyBytes;
  /** Sites whose pages may call the dialects that pages can call. */
  readonly origins: Origins;
  /** Without it, rows with files answer that there is no store. */
  readonly files?: Files | undefined;
  /** Where callers reach the gateway, without a slash at the end; absent: at the host of each request. */
  readonly publicUrl?: string | undefined;
}

/** A dialect that takes requests. */
export interface Served {
  readonly claims: (path: string, request: IncomingMessage) => boolean;
  readonly serve: (request: IncomingMessage, response: ServerResponse, target: Target) => Promise<void>;
}

/** Longer than any id: 64 code points of four bytes, percent-encoded, have 768 characters. */
const MAX_PARAM_LENGTH = 4_096;

/** An answer up to this size isn't counted, so that no write is rejected after it was carried out. */
const SMALL_ANSWER = 64 * 1024;
/** Bytes of a file that is sent that are in memory together. */
const IN_MEMORY = 512 * 1024;

interface Found<S> {
  readonly operation: Operation<S>;
  readonly params: Readonly<Record<string, string>>;
}

interface Answered {
  readonly status: number;
  readonly body: string | FileAnswer;
}

/** Serves the operations of one dialect. Its router knows no other dialect's paths, so none of them is a fallback. */
export function serving<S extends object, E extends Error>(
  spec: DialectSpec<S, E>,
  tenants: Tenants<S>,
  { service, observe, log, bodies, origins, files, publicUrl }: Serving,
): Served {
  const find = routes(spec.operations);

  const handled = async (
    incoming: Incoming,
    search: string,
    found: Found<S> | undefined,
    response: ServerResponse,
  ): Promise<Answered['body']> => {
    if (!found) throw spec.errors.notFound(incoming);
    const asked = { ...incoming, query: parseQuery(search) };
    const proof = await spec.authenticate(asked, tenants);
    const as = new Caller(service, proof.tenant.id, proof.actor, files?.of(proof.tenant.id));
    const lease = bodies.lease(proof.tenant.id);
    try {
      const answer = await found.operation.handle(as, asked, proof, lease);
      const body = answer instanceof FileAnswer ? answer : jsonText(answer);
      const size = typeof body === 'string' ? Buffer.byteLength(body) : IN_MEMORY;
      lease.resize(size > SMALL_ANSWER ? size : 0);
      whenClosed(response, () => lease.release());
      return body;
    } catch (error) {
      lease.release();
      throw error;
    }
  };

  const reply = async (
    incoming: Incoming,
    search: string,
    found: Found<S> | undefined,
    name: string,
    response: ServerResponse,
  ): Promise<Answered> => {
    try {
      return { status: 200, body: await handled(incoming, search, found, response) };
    } catch (error) {
      const own =
        error instanceof spec.errors.type ? error : spec.errors.from(errorForCaller(error, log, { operation: name }));
      const answer = spec.errors.reply(own, incoming);
      return { status: answer.status, body: answer.body === undefined ? '' : errorText(answer.body) };
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
      if (spec.cors) {
        allowOrigin(origins, request, response);
        if (method === 'OPTIONS') {
          await drained(request, response);
          return answerPreflight(spec.cors, response);
        }
      }
      const found = find(method, spec.routed?.(path) ?? path);
      if (found) {
        route = found.operation.path;
        name = `${spec.key} ${found.operation.name}`;
      }
      const { headers } = request;
      const address = publicUrl ?? `http://${headers.host ?? 'localhost'}`;
      const params = found?.params ?? {};
      const incoming = { method, path, query: new Form(), params, headers, address, http: request };
      const { status, body } = await reply(incoming, search, found, name, response);
      await drained(request, response);
      if (typeof body === 'string') write(response, status, 'application/json; charset=utf-8', body);
      else await body.send(request, response);
    } catch (error) {
      log.error({ err: error, operation: name }, 'An answer could not be written in the form of its dialect');
      await failed(request, response);
    }
  };
  return { claims: spec.claims, serve };
}

/** Runs when all of the answer is sent, or when the connection is closed; at once if it is closed already. */
function whenClosed(response: ServerResponse, run: () => void): void {
  if (response.closed) run();
  else response.once('close', run);
}

function write(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) }).end(text);
}

async function failed(request: IncomingMessage, response: ServerResponse): Promise<void> {
  await drained(request, response);
  if (response.headersSent) response.destroy();
  else write(response, 500, 'text/plain; charset=utf-8', 'Internal Server Error');
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

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

/**
 * Takes the requests that a dialect claims; Nest gets all others: health, metrics, documents, and what is nowhere. No
 * error leaves the listener, because it would end the process.
 */
export const listener =
  (dialects: readonly Served[], nest: RequestListener, log: Pick<Logger, 'error'>): RequestListener =>
  (request, response) => {
    const fault = (error: unknown) => {
      log.error({ err: error }, 'A request could not be answered');
      return failed(request, response).catch(() => response.destroy());
    };
    // A connection may end while its answer is written.
    response.on('error', () => undefined);
    try {
      const target = targetOf(request.url ?? '');
      const path = target && normalized(target.path);
      const dialect = path === undefined ? undefined : dialects.find(({ claims }) => claims(path, request));
      if (dialect && target) dialect.serve(request, response, target).catch(fault);
      else {
        // No route of Nest has a body, and Node would read one to its end, however long it is.
        if (hasBody(request)) response.setHeader('Connection', 'close');
        nest(request, response);
      }
    } catch (error) {
      void fault(error);
    }
  };
