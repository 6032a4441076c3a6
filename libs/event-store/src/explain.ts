import { judgeEventStore, nodeText, proxyFor, whyUnusable, type EventStoreAddress } from '@cohort/surroundings';
import { StoreMisconfigured, StoreRefused, StoreUnavailable } from './errors';

const OVER_TLS = 'requires the user and the password, which the client sends over TLS alone';

/**
 * Returns the error of a first connection with its reason. gRPC's own texts ("wrong version number", "Connection dropped") don't
 * show what to change, so the servers are asked what they are.
 */
export async function explained(error: unknown, address: EventStoreAddress): Promise<unknown> {
  if (refusesLogin(error)) {
    const sent = address.credentials && (address.tls ? 'refuses the user or the password' : OVER_TLS);
    const needs = sent ?? 'requires a user and a password (esdb://user:password@host:port)';
    return new StoreMisconfigured(`${address.shown} ${needs}.`, { cause: error });
  }
  if (!(error instanceof StoreUnavailable)) return error;
  const proxied = address.nodes.find(({ host }) => proxyFor(host) !== undefined);
  if (proxied) {
    const by = `The proxy of ${proxyFor(proxied.host)} was used: to connect directly, add ${proxied.host} to no_proxy.`;
    return new StoreUnavailable(`${error.message} ${by}`, { cause: error });
  }
  const { nodes, shown, tls, byName } = address;
  const explanation = await whyUnusable(nodes, shown, judgeEventStore(tls));
  if (explanation?.wrong) return new StoreMisconfigured(`${explanation.why}.`, { cause: error });
  if (explanation && !byName) return new StoreUnavailable(`${explanation.why}.`, { cause: error });
  if (tls && /certificate/i.test(error.message)) {
    const trust = `The certificate of ${nodes.map(nodeText).join(', ')} isn't trusted: name its authority by the option tlsCAFile.`;
    return new StoreMisconfigured(`${trust} (${error.message})`, { cause: error });
  }
  return error;
}

/** Whether the server refused the credentials of a read, or of the call for appends: UNAUTHENTICATED, or access denied. */
const refusesLogin = (error: unknown): boolean =>
  (error instanceof StoreRefused && error.kind === 'denied') ||
  (error instanceof StoreUnavailable && /^(?:[^:]*: )?(?:16 UNAUTHENTICATED|7 PERMISSION_DENIED)/.test(error.message));
