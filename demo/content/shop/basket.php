<?php
require __DIR__ . '/page.php';

$number = (int) ($_POST['number'] ?? 0);
$quantity = (int) ($_POST['quantity'] ?? 0);
if ($_SERVER['REQUEST_METHOD'] !== 'POST' || !isset($goods[$number]) || $quantity < 1 || $quantity > 99) {
    http_response_code(400);
    page('Basket', '<p>That is not an order we understand.</p>');
    exit;
}
[$name, $cents] = $goods[$number];
$name = h($name);
$note = h(substr((string) ($_POST['note'] ?? ''), 0, 80));
$total = price($cents * $quantity);
$receipt = substr(hash_hmac('sha256', "{$number} {$quantity} {$total}", $settings['basket_key']), 0, 12);
page('Basket', "<p>{$quantity} &times; {$name}: {$total}</p><p>{$note}</p><p>Receipt {$receipt}</p>");
