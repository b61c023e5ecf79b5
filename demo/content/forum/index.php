<?php
require __DIR__ . '/posts.php';

ini_set('session.cookie_httponly', '1');
$said = trim((string) ($_POST['said'] ?? ''));
$author = trim((string) ($_POST['author'] ?? ''));
if ($_SERVER['REQUEST_METHOD'] === 'POST' || isset($_COOKIE[session_name()])) {
    session_start(); // only who has said something is remembered
}
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    if ($said === '' || strlen($said) > 500 || strlen($author) > 40) {
        http_response_code(400);
        exit("Say something, in at most 500 letters.\n");
    }
    $_SESSION['author'] = $author === '' ? 'somebody' : $author;
    forum_add($_SESSION['author'], $said);
}
$name = htmlspecialchars($_SESSION['author'] ?? '', ENT_QUOTES, 'UTF-8');
?>
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>The Slipway: a forum for small boats</title><link rel="stylesheet" href="/style.css"></head>
<body>
<h1>The Slipway</h1>
<form method="post" action="/">
<input name="author" placeholder="Your name" value="<?= $name ?>">
<input name="said" size="50" placeholder="What do you want to say?">
<button>Say it</button>
</form>
<ul>
<?php foreach (forum_posts() as $post): ?>
<li><b><?= htmlspecialchars($post['author'], ENT_QUOTES, 'UTF-8') ?></b> <?= htmlspecialchars($post['said'], ENT_QUOTES, 'UTF-8') ?></li>
<?php endforeach; ?>
</ul>
</body>
</html>
