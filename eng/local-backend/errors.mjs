// PostgREST's status for a SQLSTATE, where the embedded server only says 500.
function statusOf(code) {
  if (code === 'P0001') return 400;
  if (code === '57P01' || code.startsWith('08') || code.startsWith('53')) return 503;
  if (code.startsWith('09') || code.startsWith('0L') || code.startsWith('0P') || code.startsWith('28')) return 403;
  if (/^(23|22|21|42)/.test(code)) return 400;
  return 500;
}

/** Turns the catch-all answer (500, code SUP) into PostgREST's answer for the database's own error. */
export async function translateError(response, error) {
  if (response.status !== 500) return response;
  const text = await response.text();
  let body;
  try { body = JSON.parse(text); } catch { body = null; }
  if (body?.code !== 'SUP' || !/^[0-9A-Z]{5}$/.test(error.code)) {
    return new Response(text, { status: response.status, headers: response.headers });
  }
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  return new Response(JSON.stringify({
    code: error.code,
    details: error.detail ?? null,
    hint: error.hint ?? null,
    message: error.message,
  }), { status: statusOf(error.code), headers });
}
