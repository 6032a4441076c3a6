/** What a connection reports, for metrics. */
export interface BusObserver {
  /** A request was ignored because its reply subject is no inbox. */
  ignoredRequest(): void;
  /** The handling of a message threw an error. */
  messageFault(): void;
}

export const NO_OBSERVER: BusObserver = { ignoredRequest: () => undefined, messageFault: () => undefined };
