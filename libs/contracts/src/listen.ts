/** What a subscription needs of a NATS connection. (This library doesn't know the package `nats`.) */
interface Subscribes<M, S> {
  subscribe(
    subject: string,
    options: { readonly queue?: string; readonly callback: (error: Error | null, message: M) => void },
  ): S;
}

export interface ListenOptions<M> {
  readonly queue?: string;
  readonly onMessage: (message: M) => void;
  /** Called with an error that `onMessage` threw: a bug, or a message that can't be read. The next message is delivered. */
  readonly onFault: (error: unknown) => void;
  /** Called when the server has ended the subscription: the connection lacks the permission. Default: `onFault`. */
  readonly onRefused?: (error: Error) => void;
}

/**
 * Subscribes. Every subscription of this service and of its client is made here, because an error that leaves the callback
 * of a subscription ends the reader of nats.js: the connection stays open, and receives nothing more.
 */
export function listen<M, S>(
  connection: Subscribes<M, S>,
  subject: string,
  { queue, onMessage, onFault, onRefused = onFault }: ListenOptions<M>,
): S {
  const deliver = (error: Error | null, message: M): void => {
    try {
      // With an error there is no message, whatever the parameter holds.
      if (error) onRefused(error);
      else onMessage(message);
    } catch (fault) {
      report(onFault, fault);
    }
  };
  return connection.subscribe(subject, { ...(queue === undefined ? {} : { queue }), callback: deliver });
}

/** Nothing may leave the callback, not even an error of the report. */
function report(onFault: (error: unknown) => void, fault: unknown): void {
  try {
    onFault(fault);
  } catch {
    // The report itself failed.
  }
}
