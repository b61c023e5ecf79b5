<?php
// beta says hello: what PHP was told about the request, as JSON; a form's word comes back.
header('Content-Type: application/json');
echo json_encode([
    'page' => 'beta says hello',
    'word' => $_POST['word'] ?? '',
    'server' => array_filter($_SERVER, fn ($name) => preg_match('/^(HTTP_|HTTPS$|REMOTE_)/', $name), ARRAY_FILTER_USE_KEY),
]);
