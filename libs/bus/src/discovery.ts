import { nuid } from 'nats';
import type { Endpoint } from './endpoint';
import type { RequestSource } from './request-source';

/** The description of a process in discovery. */
export interface ServiceInfo {
  /** `[A-Za-z0-9_-]+`, such as `cohort-command`. */
  readonly name: string;
  /** Semantic version. */
  readonly version: string;
  readonly description: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Answers the discovery requests of the NATS service convention (ADR-32), so that `nats micro ls` shows the process. The
 * subjects are `$SRV.PING|INFO|STATS`, each also with `.<name>` and `.<name>.<id>`.
 *
 * The service framework of nats.js isn't used: its endpoint would compete with Nest's handler for requests on one subject.
 */
export function announce(
  requests: RequestSource,
  { name, version, description, metadata = {} }: ServiceInfo,
  endpoints: () => readonly Endpoint[],
): void {
  const id = nuid.next();
  const started = new Date().toISOString();
  const identity = (type: string) => ({
    type: `io.nats.micro.v1.${type}_response`,
    name,
    id,
    version,
    metadata,
  });
  const answers = {
    PING: () => identity('ping'),
    INFO: () => ({ ...identity('info'), description, endpoints: endpoints().map((endpoint) => endpoint.info()) }),
    STATS: () => ({ ...identity('stats'), started, endpoints: endpoints().map((endpoint) => endpoint.stats()) }),
  };
  for (const [verb, answer] of Object.entries(answers)) {
    for (const subject of [`$SRV.${verb}`, `$SRV.${verb}.${name}`, `$SRV.${verb}.${name}.${id}`]) {
      requests.on(subject, (message) => void message.respond(JSON.stringify(answer())));
    }
  }
}
