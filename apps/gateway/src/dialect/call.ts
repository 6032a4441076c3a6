import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Form } from './form';
import type { Proof } from './tenants';

/** A request that a dialect claims; its body isn't read yet. */
export interface Incoming {
  readonly method: string;
  /** As it was sent, without the query string. */
  readonly path: string;
  readonly query: Form;
  /** Parameters of the path, decoded and never empty. */
  readonly params: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  /** Where callers reach this gateway, such as `https://im.example.com`: `PUBLIC_URL`, else the host of the request. */
  readonly address: string;
  readonly http: IncomingMessage;
}

/** A request whose credentials are checked and whose body is read. */
export interface Call<S, B> extends Incoming, Proof<S> {
  readonly body: B;
}
