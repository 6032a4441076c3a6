import { CohortError } from './errors';
import { escapeBytes } from './escape';

// NATS subjects: docs/decisions/0005-subjects.md.

/** Queue group of the command nodes. One node gets each command. */
export const COMMAND_QUEUE = 'group-command';
/** Queue group of the query nodes. One node gets each query. */
export const QUERY_QUEUE = 'group-query';

/** The subject on which trusted services send a command; the body names the tenant. */
export const commandSubject = (name: string): string => `group.v1.command.${name}`;
/** The subject on which a tenant sends a command. A NATS permission on `group.v1.app.<app>.>` confines the tenant to it. */
export const appCommandSubject = (app: string, name: string): string => `group.v1.app.${app}.command.${name}`;

/** The subject on which trusted services send a query; the body names the tenant. */
export const querySubject = (name: string): string => `group.v1.query.${name}`;
/** The subject on which a tenant sends a query. */
export const appQuerySubject = (app: string, name: string): string => `group.v1.app.${app}.query.${name}`;

/** The subject on which the relay publishes an event of a group. A stored event may be of any type, so it is encoded. */
export const eventSubject = (app: string, groupId: string, type: string): string =>
  `group.v1.event.${encodeToken(app)}.${encodeToken(groupId)}.${encodeToken(type)}`;

/** The subjects of all events of a group. */
export const groupEventSubjects = (app: string, groupId: string): string =>
  `group.v1.event.${encodeToken(app)}.${encodeToken(groupId)}.*`;

/** The parts of a request's subject. */
export interface ParsedSubject {
  /** The tenant; in the tenant form only. */
  readonly app?: string;
  readonly kind: 'command' | 'query';
  readonly name: string;
}

const PLAIN_SUBJECT = /^group\.v1\.(command|query)\.([^.]+)$/;
/** Apart from the plain form: one expression for both takes several times as long. */
const APP_SUBJECT = /^group\.v1\.app\.([^.]+)\.(command|query)\.([^.]+)$/;

/** Parses the subject of a command or query; undefined for any other subject. */
export function parseSubject(subject: string): ParsedSubject | undefined {
  const plain = PLAIN_SUBJECT.exec(subject);
  if (plain) return { kind: plain[1] as 'command' | 'query', name: plain[2]! };
  const ofApp = APP_SUBJECT.exec(subject);
  if (ofApp) return { app: ofApp[1]!, kind: ofApp[2] as 'command' | 'query', name: ofApp[3]! };
  return undefined;
}

/**
 * The body of a request with the tenant of its subject. In the tenant form the body may leave `app` out, and may not name
 * another tenant (`FORBIDDEN`). A body that isn't an object, or of the plain form, is returned as it is.
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
  /** Milliseconds from receipt after which the command must not be begun any more. Default 10,000. */
  timeout: 'Cohort-Timeout',
  /** Text of an error reply (NATS service convention, ADR-32). */
  error: 'Nats-Service-Error',
  /** Number of an error reply; HTTP's status numbers (ADR-32). */
  errorCode: 'Nats-Service-Error-Code',
  /** W3C trace context; kept in the metadata of the events a command writes. */
  traceparent: 'traceparent',
} as const;

const PLAIN = /^[A-Za-z0-9_-]+$/;

/**
 * Encodes any id as a NATS token, reversibly. Letters, digits, `_` and `-` stay. Every other byte of its UTF-8 form
 * becomes `=` and two upper-case hex digits.
 */
export const encodeToken = (id: string): string => escapeBytes(id, PLAIN, '=');

/** The id of a token that `encodeToken` made; undefined for any other token. */
export function decodeToken(token: string): string | undefined {
  if (!/^(?:[A-Za-z0-9_-]|=[0-9A-F]{2})+$/.test(token)) return undefined;
  const bytes = token.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  const id = Buffer.from(bytes, 'latin1').toString('utf8');
  return encodeToken(id) === token ? id : undefined;
}
