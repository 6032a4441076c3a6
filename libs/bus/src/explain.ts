import { codeOf, judgeNats, messageOf, nodeText, whyUnusable, type NatsAddress } from '@cohort/surroundings';

/** Returns one sentence for an operator: why no server of the address accepted the connection, and what to change. */
export async function whyNotReached(error: unknown, address: NatsAddress): Promise<string> {
  const { nodes, shown, tls } = address;
  const at = nodes.map(nodeText).join(', ');
  if (codeOf(error) === 'AUTHORIZATION_VIOLATION') {
    return `NATS can't be reached at ${at} (user, password or token is missing or wrong).`;
  }
  const explanation = await whyUnusable(nodes, shown, judgeNats);
  if (explanation?.wrong) return `NATS can't be reached at ${at} (${explanation.why}).`;
  if (tls && (codeOf(error) === 'SERVER_OPTION_NA' || /tls/i.test(codeOf(error) ?? ''))) {
    return `NATS can't be reached at ${at} (the server doesn't speak TLS: write nats:// in place of tls://).`;
  }
  if (/certificate/i.test(messageOf(error))) {
    const trust = 'set NODE_EXTRA_CA_CERTS to the file of its authority';
    return `NATS can't be reached at ${at} (the certificate isn't trusted: ${trust}; ${messageOf(error)}).`;
  }
  return `NATS can't be reached at ${at} (${reason(error)}).`;
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
