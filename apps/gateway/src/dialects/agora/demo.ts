import type { Demo } from '../../dialect/spec';
import { AgoraSettings } from './settings';
import { ownToken } from './tokens/own-token';

const settings = {
  appId: '970CA35de60c44645bbae8a215061b33',
  certificate: '5CFd2fd1755d40ecb72977518be15d3b',
  org: 'demo',
  app: 'demo',
  clientId: 'demo',
  clientSecret: 'demo-secret',
};

/** Seconds for which the token of the line is valid. */
const DAY = 86_400;

/** Makes a group with the app's own token. */
function curl(url: string): string {
  const own = Object.assign(new AgoraSettings(), settings);
  const token = ownToken(own, { type: 'service' }, Math.floor(Date.now() / 1_000) + DAY);
  return [
    `curl -s ${url}/${settings.org}/${settings.app}/chatgroups`,
    `-H 'Authorization: Bearer ${token}'`,
    `-d '${JSON.stringify({ groupname: 'Sales', desc: '', public: true, owner: 'u1', members: ['u2', 'u3'] })}'`,
  ].join(' ');
}

export const demo: Demo = {
  settings,
  keys:
    `app id ${settings.appId}, certificate ${settings.certificate}; ` +
    `org ${settings.org}, app ${settings.app}, client id ${settings.clientId}, client secret ${settings.clientSecret}`,
  curl,
};
