import { REQUEST_SUBJECTS } from './feed';

/** Whether some subject matches both patterns (`*` is one token, `>` is one or more to the end). */
export function overlap(a: string, b: string): boolean {
  const [left, right] = [a.split('.'), b.split('.')];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [x, y] = [left[i], right[i]];
    if (x === undefined || y === undefined) return false;
    if (x === '>' || y === '>') return true;
    if (x !== '*' && y !== '*' && x !== y) return false;
  }
  return true;
}

/** A JetStream stream as its configuration describes it. */
export interface ConfiguredStream {
  readonly name: string;
  readonly subjects: readonly string[];
  /** The stream acknowledges no message. */
  readonly noAck?: boolean;
}

/**
 * Why a stream disturbs requests, in a sentence for operators; undefined if it doesn't. A stream acknowledges each message that it
 * takes, so the sender of a request gets the acknowledgement in place of the answer. A stream without acknowledgements
 * (`no_ack`) disturbs nothing.
 */
export function whyItAnswersRequests({ name, subjects, noAck = false }: ConfiguredStream): string | undefined {
  if (noAck) return undefined;
  for (const subject of subjects) {
    const taken = REQUEST_SUBJECTS.find((requests) => overlap(subject, requests));
    if (taken !== undefined) {
      return `the JetStream stream ${name} takes ${subject}, which overlaps ${taken}: it would answer requests in the service's place; narrow its subjects`;
    }
  }
  return undefined;
}
