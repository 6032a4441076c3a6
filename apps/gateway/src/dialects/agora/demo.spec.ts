import { authenticate } from './auth';
import { demo } from './demo';
import { AgoraSettings } from './settings';

test("the demo's curl line makes a group with a valid token of the demo tenant", () => {
  const line = demo.curl('http://127.0.0.1:8080');
  expect(line).toMatch(/^curl -s http:\/\/127\.0\.0\.1:8080\/demo\/demo\/chatgroups -H /);
  expect(JSON.parse(/ -d '([^']+)'$/.exec(line)?.[1] ?? '')).toEqual({
    ...{ groupname: 'Sales', desc: '', public: true, owner: 'u1', members: ['u2', 'u3'] },
  });
  const authorization = /-H 'Authorization: ([^']+)'/.exec(line)?.[1] ?? '';
  const settings = Object.assign(new AgoraSettings(), demo.settings);
  const tenants = new Map([['demo/demo', { id: 'demo', settings }]]);
  const incoming = {
    headers: { authorization },
    path: '/demo/demo/chatgroups',
    params: { org_name: 'demo', app_name: 'demo' },
  };
  expect(authenticate(incoming, tenants).actor).toEqual({ type: 'service' });
});
