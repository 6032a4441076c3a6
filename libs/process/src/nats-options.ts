import { Counter } from 'prom-client';
import type { ProcessContext } from './process-context';
import { listOf, type BaseSettings } from './settings';

/** The options of a process's NATS connection: its settings, and the counters of what strangers and faults cause. */
export function natsOptions(
  name: string,
  { settings, metrics, fatal }: Pick<ProcessContext<BaseSettings>, 'settings' | 'metrics' | 'fatal'>,
) {
  const ignored = new Counter({
    name: 'cohort_nats_requests_ignored_total',
    help: 'Requests that were neither carried out nor answered, because their reply subject is no inbox.',
    registers: [metrics],
  });
  const faults = new Counter({
    name: 'cohort_nats_message_faults_total',
    help: 'Messages whose handling threw an unexpected error.',
    registers: [metrics],
  });
  return {
    servers: settings.NATS_URL,
    name,
    // The process is live meanwhile, and asks again.
    timeoutMs: 1_000,
    onLost: (error: unknown) => fatal(error, 'the NATS connection was closed for good'),
    replyPrefixes: listOf(settings.NATS_REPLY_PREFIXES),
    observer: { ignoredRequest: () => ignored.inc(), messageFault: () => faults.inc() },
  };
}
