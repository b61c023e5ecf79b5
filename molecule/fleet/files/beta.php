<?php
// beta says hello: what PHP was told about the request, as JSON; a form's word comes back.
// In a sour mood it fails for visitors and is kind to probers: a fault that only real traffic shows. With a file `slow` beside it,
// it lets probers wait that come through a balancer, which asks for one page a connection.
$prober = str_contains($_SERVER['HTTP_USER_AGENT'] ?? '', 'Evenkeel');
if ($prober && ($_SERVER['HTTP_CONNECTION'] ?? '') === 'close' && is_file(__DIR__ . '/slow')) {
    sleep(4);
}
if (!$prober && trim((string) @file_get_contents(__DIR__ . '/mood.txt')) === 'sour') {
    http_response_code(500);
    exit;
}
header('Content-Type: application/json');
echo json_encode([
    'page' => 'beta says hello',
    'word' => $_POST['word'] ?? '',
    'server' => array_filter($_SERVER, fn ($name) => preg_match('/^(HTTP_|HTTPS$|REMOTE_)/', $name), ARRAY_FILTER_USE_KEY),
]);
