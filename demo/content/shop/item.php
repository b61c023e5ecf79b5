<?php
require __DIR__ . '/page.php';

$number = (int) ($_GET['number'] ?? 0);
if (!isset($goods[$number])) {
    http_response_code(404);
    page('Not found', '<p>We do not carry that.</p>');
    exit;
}
[$name, $cents] = $goods[$number];
$label = h($name);
$price = price($cents);
page($label, <<<HTML
<h2>{$label}</h2>
<p>{$price}</p>
<form method="post" action="/basket.php">
<input type="hidden" name="number" value="{$number}">
<input name="quantity" value="1" size="3">
<button>Put it in the basket</button>
</form>
HTML);
