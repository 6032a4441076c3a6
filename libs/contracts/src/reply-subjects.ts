/** Longest subject that is published to, in characters. A longer line than 4 KiB ends a connection to nats-server. */
const MAX_SUBJECT_LENGTH = 2_048;

/** Tokens between dots, each without wildcards, white space and control characters. */
const TOKENS = /^[^.*>\s\p{Cc}]+(?:\.[^.*>\s\p{Cc}]+)*$/u;

/** Whether the text is a subject that a message can be published to: tokens between dots, none empty, no wildcard. */
export const isPublishSubject = (subject: string): boolean =>
  subject.length <= MAX_SUBJECT_LENGTH && TOKENS.test(subject);

/**
 * The first tokens of the inboxes for JetStream's acknowledgements of the feed. A message of the feed reaches a tenant's core
 * subscription with its reply subject, so tenants know these inboxes, and no request may name one.
 */
export const ACKNOWLEDGEMENT_INBOXES = '_INBOX.cohort-acknowledgements';

/**
 * Whether a request with this reply subject may be answered. The sender selects the subject, and the answer is published
 * with the permissions of the service, which may publish what the sender may not. So only inboxes get answers: subjects
 * whose first token is `_INBOX` or begins with `_INBOX_`, and those whose first tokens are one of `prefixes`. Never the
 * `ACKNOWLEDGEMENT_INBOXES`: the answer would be taken for JetStream's.
 */
export function isReplySubject(reply: string, prefixes: readonly string[] = []): boolean {
  if (!isPublishSubject(reply) || isBelow(ACKNOWLEDGEMENT_INBOXES, reply)) return false;
  return /^_INBOX(?:[._]|$)/.test(reply) || prefixes.some((prefix) => isBelow(prefix, reply));
}

const isBelow = (prefix: string, subject: string): boolean =>
  subject.startsWith(prefix) && (subject.length === prefix.length || subject[prefix.length] === '.');

/** Whether requests may be answered on every subject below this one. The service's and the server's own are excluded. */
export const isReplyPrefix = (prefix: string): boolean => isPublishSubject(prefix) && !/^(\$|group(\.|$))/.test(prefix);
