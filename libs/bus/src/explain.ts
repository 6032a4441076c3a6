import { codeOf, judgeNats, messageOf, nodeText, whyUnusable, type NatsAddress } from '@cohort/surroundings';

/** No server of the address can be reached now. The message is one sentence for an operator. */
export class BusUnavailable extends Error {
  override readonly name = 'BusUnavailable';
}

/** NATS as a dependency of a process that starts. */
export const NATS = {
  name: 'nats',
  setting: 'NATS_URL',
  isAway: (error: unknown): boolean => error instanceof BusUnavailable,
} as const;

/**
 * Returns the error of a failed connection with one sentence for an operator: why no server of the address accepted it, and what
 * to change. It is a `BusUnavailable` unless waiting doesn't help.
 */
export async function notReached(cause: unknown, address: NatsAddress): Promise<Error> {
  const { why, isWrong } = await whyNotReached(cause, address);
  return isWrong ? new Error(why, { cause }) : new BusUnavailable(why, { cause });
}

async function whyNotReached(error: unknown, address: NatsAddress): Promise<{ why: string; isWrong: boolean }> {
  const { nodes, shown, tls } = address;
  const text = (because: string): string => `NATS can't be reached at ${nodes.map(nodeText).join(', ')} (${because}).`;
  const wrong = (because: string) => ({ why: text(because), isWrong: true });
  if (codeOf(error) === 'AUTHORIZATION_VIOLATION') {
    return wrong('user, password or token is missing or wrong');
  }
  const explanation = await whyUnusable(nodes, shown, judgeNats);
  if (explanation?.wrong) return wrong(explanation.why);
  if (tls && codeOf(error) === 'SERVER_OPT_NA') {
    return wrong("the server doesn't speak TLS: write nats:// in place of tls://");
  }
  if (/certificate/i.test(messageOf(error))) {
    const trust = 'set NODE_EXTRA_CA_CERTS to the file of its authority';
    return wrong(`the certificate isn't trusted: ${trust}; ${messageOf(error)}`);
  }
  return { why: text(reason(error)), isWrong: false };
}

function reason(error: unknown): string {
  switch (codeOf(error)) {
    case 'CONNECTION_REFUSED':
      return 'connection refused';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host is not known: check its name';
    case undefined:
    default:
      return messageOf(error);
  }
}
