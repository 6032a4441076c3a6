import type { AppSettings, RongCloudSettings } from '@cohort/contracts';
import { CanActivate, createParamDecorator, ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import type { Tenant } from '../../shared/apps';
import { readBody } from '../../shared/body';
import { authenticate } from './auth';
import { Form, MAX_BODY_BYTES } from './wire';

/** The apps of this dialect, by App-Key. */
export const APPS = Symbol('RongCloud apps');

/** An authenticated call. */
export interface Call {
  readonly app: AppSettings;
  readonly settings: RongCloudSettings;
  readonly form: Form;
}

interface Authenticated extends Request {
  rongcloud?: Tenant<RongCloudSettings>;
}

/** Lets calls through whose headers prove an app; the body isn't signed, and isn't read before. */
@Injectable()
export class SignatureGuard implements CanActivate {
  constructor(@Inject(APPS) private readonly apps: ReadonlyMap<string, Tenant<RongCloudSettings>>) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Authenticated>();
    request.rongcloud = authenticate(request.headers, this.apps);
    return true;
  }
}

/** A handler's parameter: the call, its body read. Needs the guard. */
export const TheCall = createParamDecorator(async (_: unknown, context: ExecutionContext): Promise<Call> => {
  const request = context.switchToHttp().getRequest<Authenticated>();
  if (!request.rongcloud) throw new Error('TheCall stands on a handler without SignatureGuard');
  const { app, settings } = request.rongcloud;
  return { app, settings, form: new Form(await readBody(request, MAX_BODY_BYTES), settings) };
});
