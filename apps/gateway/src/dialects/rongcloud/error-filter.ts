import { ArgumentsHost, Catch, ExceptionFilter, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { drained } from '../../shared/body';
import { tellable } from '../../shared/errors';
import { errorReply, RongCloudError } from './errors';

/** Writes every error as the vendor does: `{"code", "errorMessage"}` with the HTTP status of the vendor's table. */
@Catch()
export class RongCloudErrorFilter implements ExceptionFilter {
  private readonly log = new Logger('RongCloud');

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const { status, body } = errorReply(error instanceof RongCloudError ? error : tellable(error, this.log));
    await drained(http.getRequest<Request>());
    http.getResponse<Response>().status(status).json(body);
  }
}
