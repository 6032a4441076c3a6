import { StartError } from '@cohort/process';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { refuseTakenPort } from './ports';
import { refuseWhatCannotWork } from './servers';
import { planLaunch } from './settings';

/** All other ports are free ones. */
const free = { GATEWAY_PORT: '0', NATS_PORT: '0', EVENTSTORE_PORT: '0' };
const plan = (WILDFIRECHAT_PORT: string | undefined, others: Record<string, string> = {}) =>
  planLaunch({ ...free, ...others, WILDFIRECHAT_PORT });

/** The one sentence with which the start is refused. */
const refusal = async (start: () => unknown): Promise<string> => {
  const error = await Promise.resolve()
    .then(start)
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  expect(error).toBeInstanceOf(StartError);
  return (error as StartError).message;
};

describe("WildfireChat's own port", () => {
  let taken: Server;
  let port: string;

  beforeAll(async () => {
    taken = createServer();
    await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
    port = String((taken.address() as AddressInfo).port);
  });
  afterAll(() => taken.close());

  test("is the vendor's 18080 unless the setting names another", () => {
    expect(plan(undefined).settings.WILDFIRECHAT_PORT).toBe(18_080);
    expect(plan('18081').settings.WILDFIRECHAT_PORT).toBe(18_081);
  });

  test('in use by another program, is refused with the ways out', async () => {
    expect(await refusal(() => refuseWhatCannotWork(plan(port)))).toBe(
      `WILDFIRECHAT_PORT: port ${port} is in use by another program. ` +
        'Set WILDFIRECHAT_PORT to another port, or to 0 for a free one, or off.',
    );
  });

  test.each(['GATEWAY_PORT', 'NATS_PORT', 'EVENTSTORE_PORT'])(
    'equal to %s, is refused with both names',
    async (other) => {
      const [first, second] = other === 'GATEWAY_PORT' ? [other, 'WILDFIRECHAT_PORT'] : ['WILDFIRECHAT_PORT', other];
      expect(await refusal(() => plan('4999', { [other]: '4999' }))).toBe(
        `${first} and ${second} are both 4999. Set one to another port.`,
      );
    },
  );

  test.each([
    ['off', 'off'],
    ['0', 0],
  ])('%s is accepted beside other ports that are 0', async (text, value) => {
    const launch = plan(text);
    expect(launch.settings.WILDFIRECHAT_PORT).toBe(value);
    await expect(refuseWhatCannotWork(launch)).resolves.toBeUndefined();
  });

  test.each(['OFF', 'none', '-1', '65536'])('%s is refused', async (text) => {
    expect(await refusal(() => plan(text))).toBe(
      `WILDFIRECHAT_PORT must be a port from 0 to 65535 (0: a free one), or off; it is "${text}".`,
    );
  });

  test('a taken port is named by the setting that was checked', async () => {
    expect(await refusal(() => refuseTakenPort('GATEWAY_PORT', Number(port), '127.0.0.1'))).toBe(
      `GATEWAY_PORT: port ${port} is in use by another program. Set GATEWAY_PORT to another port, or to 0 for a free one.`,
    );
  });
});
