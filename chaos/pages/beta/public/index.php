<?php
// A form's word comes back, which proves that it was taken.
echo 'beta says hello ', htmlspecialchars($_POST['word'] ?? '');
