<?php
require __DIR__ . '/page.php';

$rows = '';
foreach ($goods as $number => [$name, $cents]) {
    $rows .= sprintf('<li><a href="/item.php?number=%d">%s</a> %s</li>', $number, h($name), price($cents));
}
page('All goods', "<ul>{$rows}</ul>");
