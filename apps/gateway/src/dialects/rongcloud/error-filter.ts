import { ArgumentsHost, Catch, ExceptionFilter, Logger } from '@nestjs/common';
import type { Response } from 'express';
import { tellable } from '../../shared/errors';
import { errorReply, RongCloudError } from './errors';

/** Writes every error as the vendor does: `{"code", "errorMessage"}` with the HTTP status of the vendor's table. */
@Catch()
export class RongCloudErrorFilter implements ExceptionFilter {
  private readonly log = new Logger('RongCloud');

  catch(error: unknown, host: ArgumentsHost): void {
    const { status, body } = errorReply(error instanceof RongCloudError ? error : tellable(error, this.log));
    host.switchToHttp().getResponse<Response>().status(status).json(body);
  }
}
