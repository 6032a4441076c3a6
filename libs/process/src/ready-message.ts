/** Sent to the launcher over IPC once the process is ready. */
export interface ReadyMessage {
  readonly ready: true;
  /** The port of its address. The URL leaves out the default port of its scheme once it is parsed, so it isn't read back. */
  readonly port: number;
  readonly healthUrl: string;
  /** Where it serves more than health and metrics. */
  readonly url?: string;
  readonly dialects?: readonly ServedDialect[];
}

/** A vendor's API that the gateway serves. */
export interface ServedDialect {
  readonly title: string;
  /** Where it is served alone, if it has a port of its own. */
  readonly url?: string | undefined;
  /** Absent if `APPS_FILE` names the tenants: their keys are secret. */
  readonly demo?: {
    /** The keys of the demo tenant, as a person copies them. */
    readonly keys: string;
    /** A command line that makes a group. */
    readonly curl: string;
  };
}
