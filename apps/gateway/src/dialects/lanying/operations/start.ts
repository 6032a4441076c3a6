import { bare, data } from '../envelope';
import { CONFIG_PATH, DNS_PATH, ROOT_PATH } from '../auth';
import { gatewayOf } from '../addresses';
import { operation } from '../operation';

const SOURCE = 'Web SDK';
const anything = { type: 'object' } as const;

/** What the vendor's web SDK asks when it starts and when a user logs in, beside the group API. */
export const start = [
  operation('addresses', 'GET', DNS_PATH, {
    source: SOURCE,
    summary: 'names this gateway as the host of the API; needs no token',
    access: 'anyone',
    input: {},
    does: ({ call }) => Promise.resolve(gatewayOf(call)),
    answer: data(
      anything,
      {
        version: 1,
        dns_list: [{ group_level: 0, clusters: [{ ratel: [{ protocol: 'http', host: '127.0.0.1:8080' }] }] }],
      },
      ({ protocol, host }: URL) => {
        const here = [{ protocol: protocol.slice(0, -1), host }];
        return {
          version: 1,
          dns_list: [{ group_level: 0, clusters: [{ ratel: here, webim: here, ws: here, rtc: here }] }],
        };
      },
    ),
  }),

  operation('config', 'GET', CONFIG_PATH, {
    source: SOURCE,
    summary: 'returns an empty configuration; needs no token',
    access: 'anyone',
    input: {},
    does: () => Promise.resolve(),
    answer: data(anything, {}, () => ({})),
  }),

  operation('root', 'GET', ROOT_PATH, {
    source: SOURCE,
    summary: 'shows that the host is reachable; needs no token',
    access: 'anyone',
    input: {},
    does: () => Promise.resolve(),
    answer: bare,
  }),

  operation('roster', 'GET', '/roster/list', {
    source: SOURCE,
    summary: 'returns an empty roster: contacts are no part of this service',
    access: 'user',
    input: {},
    does: () => Promise.resolve(),
    answer: data({ type: 'array', items: {} }, [], () => []),
  }),
];
