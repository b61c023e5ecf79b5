<?php
// beta says hello: what PHP was told about the request, as JSON; a form's word comes back.
// In a sour mood it fails for visitors and is kind to probers: a fault that only real traffic shows. With a file beside it, it takes its time.
if (is_file(__DIR__ . '/slow')) {
    usleep(3000000);
}
if (trim((string) @file_get_contents(__DIR__ . '/mood.txt')) === 'sour' && !str_contains($_SERVER['HTTP_USER_AGENT'] ?? '', 'Evenkeel')) {
    http_response_code(500);
    exit;
}
header('Content-Type: application/json');
echo json_encode([
    'page' => 'beta says hello',
    'word' => $_POST['word'] ?? '',
    'server' => array_filter($_SERVER, fn ($name) => preg_match('/^(HTTP_|HTTPS$|REMOTE_)/', $name), ARRAY_FILTER_USE_KEY),
]);
