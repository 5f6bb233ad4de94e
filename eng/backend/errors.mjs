const serverFaults = new Set(['09', '25', '2D', '38', '39', '3B', '40', '54', '55', '57', '58', 'F0', 'HV', 'P0', 'XX']);

// PostgREST's status for a SQLSTATE, where the embedded server only says 500.
function statusOf(code) {
  const sqlClass = code.slice(0, 2);
  if (code === 'P0001') return 400;
  if (code === '25006') return 405;
  if (code === '53400' || code === '42P17') return 500;
  if (code === '57P01' || sqlClass === '08' || sqlClass === '53') return 503;
  if (['0L', '0P', '28'].includes(sqlClass)) return 403;
  return serverFaults.has(sqlClass) ? 500 : 400;
}

/** Turns the catch-all answer (500, code SUP) into PostgREST's answer for the database's own error. */
export async function translateError(response, error) {
  if (response.status !== 500 || !/^[0-9A-Z]{5}$/.test(error.code)) return response;
  const text = await response.text();
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  let body;
  try { body = JSON.parse(text); } catch { body = null; }
  if (body?.code !== 'SUP' && body?.code !== error.code) return new Response(text, { status: 500, headers });
  return new Response(JSON.stringify({
    code: error.code,
    details: error.detail ?? null,
    hint: error.hint ?? null,
    message: error.message,
  }), { status: statusOf(error.code), headers });
}

/** PostgREST's answer while PostgreSQL cannot be reached. */
export function databaseDown() {
  const body = { code: 'PGRST001', details: null, hint: null, message: 'Database client error. Retrying the connection.' };
  return new Response(JSON.stringify(body), { status: 503, headers: { 'content-type': 'application/json; charset=utf-8' } });
}
