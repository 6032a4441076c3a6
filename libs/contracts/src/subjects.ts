import { CohortError } from './errors';
import { escapeBytes } from './escape';

// NATS subjects: docs/decisions/0005-subjects.md.

/** Queue group of the command nodes: each command goes to one of them. */
export const COMMAND_QUEUE = 'group-command';
/** Queue group of the query nodes. */
export const QUERY_QUEUE = 'group-query';

/** Where trusted services send a command; the app stands in the body. */
export const commandSubject = (name: string): string => `group.v1.command.${name}`;
/** Where a tenant sends a command: a NATS permission on `group.v1.app.<app>.>` confines it to its app. */
export const appCommandSubject = (app: string, name: string): string => `group.v1.app.${app}.command.${name}`;

/** Where trusted services send a query; the app stands in the body. */
export const querySubject = (name: string): string => `group.v1.query.${name}`;
/** Where a tenant sends a query. */
export const appQuerySubject = (app: string, name: string): string => `group.v1.app.${app}.query.${name}`;

/** Where the relay publishes an event of a group. */
export const eventSubject = (app: string, groupId: string, type: string): string =>
  `group.v1.event.${app}.${encodeToken(groupId)}.${type}`;

/** What the subject of a request asks for. */
export interface ParsedSubject {
  /** The app the subject names, in the tenant form. */
  readonly app?: string;
  readonly kind: 'command' | 'query';
  readonly name: string;
}

/** Takes a command's or query's subject apart; undefined when it is neither. */
export function parseSubject(subject: string): ParsedSubject | undefined {
  const match = /^group\.v1\.(?:app\.([^.]+)\.)?(command|query)\.([^.]+)$/.exec(subject);
  if (!match) return undefined;
  const [, app, kind, name] = match;
  return { ...(app === undefined ? {} : { app }), kind: kind as 'command' | 'query', name: name! };
}

/**
 * The body of a request with the app its subject names: a tenant may leave the app out, and may not name another one
 * (`FORBIDDEN`). Bodies that aren't objects, and those of the plain form, come back as they are.
 */
export function withSubjectApp({ app }: ParsedSubject, body: unknown): unknown {
  if (app === undefined || typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const named = (body as { app?: unknown }).app;
  if (named !== undefined && named !== app) {
    throw new CohortError('FORBIDDEN', 'app names another app than the subject.', { subject: app });
  }
  return { ...body, app };
}

/** Headers of requests and replies. */
export const HEADERS = {
  /** Milliseconds from receipt after which the caller no longer wants the command carried out. Default 10,000. */
  timeout: 'Cohort-Timeout',
  /** Text of an error reply (NATS service convention, ADR-32). */
  error: 'Nats-Service-Error',
  /** Number of an error reply, as HTTP counts (ADR-32). */
  errorCode: 'Nats-Service-Error-Code',
  /** W3C trace context; kept in the metadata of the events a command writes. */
  traceparent: 'traceparent',
} as const;

const PLAIN = /^[A-Za-z0-9_-]+$/;

/**
 * Makes any id a NATS token, reversibly: letters, digits, `_` and `-` stay, every other byte of its UTF-8 form becomes
 * `=` and two upper-case hex digits.
 */
export const encodeToken = (id: string): string => escapeBytes(id, PLAIN, '=');

/** The id that `encodeToken` made this token of; undefined when it made no such token. */
export function decodeToken(token: string): string | undefined {
  if (!/^(?:[A-Za-z0-9_-]|=[0-9A-F]{2})+$/.test(token)) return undefined;
  const bytes = token.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  const id = Buffer.from(bytes, 'latin1').toString('utf8');
  return encodeToken(id) === token ? id : undefined;
}
