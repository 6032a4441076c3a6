import { isPublishSubject } from '@cohort/contracts';

/**
 * Returns the subject.
 *
 * @throws Error it isn't a subject to publish to. nats.js doesn't check: a line break would begin another command of the
 *   NATS protocol, with the permissions of this process.
 */
export function publishSubject(subject: string): string {
  if (isPublishSubject(subject)) return subject;
  throw new Error(`${JSON.stringify(subject.slice(0, 128))} is not a subject that a message can be published to`);
}
