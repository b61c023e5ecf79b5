<?php
// What every page of the shop begins with. config.php is not among these files: it comes from the truth.
$settings = require __DIR__ . '/config.php';
$goods = require __DIR__ . '/goods.php';

function h(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES, 'UTF-8');
}

function price(int $cents): string
{
    global $settings;
    return sprintf('%s %.2f', $settings['currency'], $cents / 100);
}

function page(string $title, string $content): void
{
    global $settings;
    $shop = h($settings['title']);
    $notice = empty($settings['notice']) ? '' : '<p class="notice">' . h($settings['notice']) . '</p>';
    echo <<<HTML
    <!DOCTYPE html>
    <html lang="en">
    <head><meta charset="utf-8"><title>{$title} - {$shop}</title><link rel="stylesheet" href="/style.css"></head>
    <body>
    <h1><a href="/">{$shop}</a></h1>
    {$notice}
    {$content}
    </body>
    </html>

    HTML;
}
